/** The reader's reports: kept until the service has them, and only where the reader has switched them on. */

import { outcomeOf } from "../feedback/answer";
import { Courier, type Outcome } from "../feedback/outbox";
import { outboxStore } from "../feedback/outbox_store";
import { type Waiting, bodyOf, modelClasses, waitingReport } from "../feedback/report";
import { endpointOf } from "../feedback/service_address";
import { type Report } from "../messages";
import { takesReports } from "../policy";
import { standing } from "./standing";

export const OUTBOX_ALARM = "outbox";
const PATIENCE_MS = 30_000;

const courier = new Courier(outboxStore, send);

/** A private window has a worker of its own, which shares the store and must not deliver from it either. */
const isPrivate = (): boolean => chrome.extension.inIncognitoContext;

/** Takes a report from a page; says nothing about whether it will ever be delivered. */
export async function takeReport({ address, says }: Report, { tab }: chrome.runtime.MessageSender): Promise<void> {
  if (isPrivate() || tab?.incognito !== false || !takesReports((await standing()).settings)) return;
  const report = waitingReport(address, says, Date.now());
  if (report === undefined) return;
  await courier.add(report);
  await deliverReports();
}

/** Delivers what waits, unless it is too early after a failure; the rest is tried again by an alarm. */
export async function deliverReports(atOnce = false): Promise<void> {
  if (isPrivate()) return;
  // Switched off while the browser was closing, or on another computer.
  if (!takesReports((await standing()).settings)) return emptyOutbox();
  await courier.deliver(atOnce);
  await setAlarm();
}

/** The alarm may have been lost with the browser's last session. */
export async function setAlarm(): Promise<void> {
  const { reports, notBefore } = await outboxStore.read();
  if (reports.length > 0) await chrome.alarms.create(OUTBOX_ALARM, { when: Math.max(notBefore, Date.now()) });
  else await chrome.alarms.clear(OUTBOX_ALARM);
}

/** Nothing waits for a reader who has switched reports off. */
export async function emptyOutbox(): Promise<void> {
  await courier.empty();
  await setAlarm();
}

async function send(report: Waiting, signal: AbortSignal): Promise<Outcome> {
  try {
    const { settings } = await standing();
    const answer = await fetch(endpointOf(settings.reportTo), {
      method: "POST",
      // The browser would add the reader's languages.
      headers: { "Content-Type": "application/json", "Accept-Language": "*" },
      body: JSON.stringify(bodyOf(report, await modelClasses())),
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      // The reader has named one service, not where it points to.
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    });
    return outcomeOf(answer.status, answer.headers.get("Retry-After"));
  } catch {
    return { kind: "later" };
  }
}
