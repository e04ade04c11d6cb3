/**
 * The pause, after which everything is hidden again by itself. `pausedUntil` in `chrome.storage.session` is the whole
 * truth: the popup sets it, the alarm takes it away, and the end of the browser's session does, too.
 */

export const PAUSE_MS = 10 * 60_000;

const KEY = "pausedUntil";
export const PAUSE_ALARM = "pause";

/** ms since the epoch; 0 without a pause. */
export async function readPause(): Promise<number> {
  const stored = await chrome.storage.session.get(KEY).catch(() => ({}) as Record<string, unknown>);
  return pauseIn(stored[KEY]);
}

// A clock set back must not make a pause of a year.
const pauseIn = (value: unknown): number =>
  typeof value === "number" && value <= Date.now() + PAUSE_MS ? value : 0;

export async function startPause(): Promise<void> {
  await chrome.storage.session.set({ [KEY]: Date.now() + PAUSE_MS });
}

export async function endPause(): Promise<void> {
  await chrome.storage.session.remove(KEY);
}

/** Calls `listener` with the new and the old end of the pause. */
export function onPauseChanged(listener: (now: number, before: number) => void): void {
  chrome.storage.onChanged.addListener((changes, area) => {
    const change = area === "session" ? changes[KEY] : undefined;
    if (change !== undefined) listener(pauseIn(change.newValue), pauseIn(change.oldValue));
  });
}

/** Sees to it that the pause ends. */
export async function keepPause(until: number): Promise<void> {
  if (until > 0) await chrome.alarms.create(PAUSE_ALARM, { when: until });
  else await chrome.alarms.clear(PAUSE_ALARM);
}
