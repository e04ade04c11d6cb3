/** What the service's answer means for a report. */

import { type Outcome } from "./outbox";

/** Not now: the request took too long, there were too many, or the service is in trouble. */
const isForLater = (status: number): boolean => status === 408 || status === 429 || status >= 500;

/** `retryAfter`: the header of that name, of which only seconds are read. */
export function outcomeOf(status: number, retryAfter: string | null): Outcome {
  if (status >= 200 && status < 300) return { kind: "delivered" };
  if (!isForLater(status)) return { kind: "refused" };
  const after = Number(retryAfter) * 1000;
  return after > 0 ? { kind: "later", after } : { kind: "later" };
}
