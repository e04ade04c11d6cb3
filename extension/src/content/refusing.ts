/**
 * Hosts that let no script read their pictures, by what this frame has seen of them. Another try costs the page's thread
 * a millisecond and the reader the time until it has failed.
 */

/** One refusal may be a mishap. */
const ENOUGH = 3;

/** How often each origin has refused; one that has allowed anything may always allow more. */
const refusals = new Map<string, number>();

const originOf = (url: string): string => new URL(url).origin;

export const isRefusing = (url: string): boolean => (refusals.get(originOf(url)) ?? 0) >= ENOUGH;

export function noteRefusal(url: string): void {
  refusals.set(originOf(url), (refusals.get(originOf(url)) ?? 0) + 1);
}

export function noteConsent(url: string): void {
  refusals.set(originOf(url), -Infinity);
}
