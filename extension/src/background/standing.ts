/** What the reader wants right now, at hand for every frame that begins. */

import { type Standing } from "../policy";
import { type Settings, onSettingsChanged, readSettings } from "../settings";
import { onPauseChanged, readPause } from "../session/pause";

/** Reading the stores for every frame would keep its page hidden for longer. */
let settings: Promise<Settings> | undefined;
let pausedUntil: Promise<number> | undefined;

export async function standing(): Promise<Standing> {
  settings ??= readSettings();
  pausedUntil ??= readPause();
  return { settings: await settings, paused: (await pausedUntil) > Date.now() };
}

/** Calls `listener` when a setting has changed, and when a pause begins or ends. */
export function onStandingChanged(listener: (now: Standing, before: Standing) => void): void {
  onSettingsChanged(async (now, before) => {
    settings = Promise.resolve(now);
    const { paused } = await standing();
    listener({ settings: now, paused }, { settings: before, paused });
  });
  onPauseChanged(async (now, before) => {
    pausedUntil = Promise.resolve(now);
    const { settings, paused } = await standing();
    // By its clock the pause is over when the alarm ends it; the pages have yet to hear of it.
    listener({ settings, paused }, { settings, paused: before > 0 });
  });
}
