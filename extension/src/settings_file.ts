/** Settings as the text of a file. */

import { type Settings, SettingsError, checkSettings } from "./settings";

/** Says what the file is; a later version may read an earlier one. */
const FORMAT = "flinch-settings-1";

export const writeExport = (settings: Settings): string => `${JSON.stringify({ format: FORMAT, settings }, null, 2)}\n`;

export interface Import {
  readonly settings: Partial<Settings>;
  /** Whether the file wanted reports to be sent, which is not a file's to decide. */
  readonly reportsRefused: boolean;
}

/**
 * Reads what `writeExport` wrote, by hand edited or not; settings that it does not name stay as they are.
 *
 * A file from somebody else must not begin to send reports, nor send them elsewhere: they stay on only where they are
 * on, to the same address. Throws SettingsError naming the key that is wrong.
 */
export function readExport(text: string, current: Settings): Import {
  const settings = checkSettings(settingsIn(text));
  const same = current.reports && (settings.reportTo ?? current.reportTo) === current.reportTo;
  const reports = (settings.reports ?? current.reports) && same;
  return { settings: { ...settings, reports }, reportsRefused: settings.reports === true && !same };
}

function settingsIn(text: string): Record<string, unknown> {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw new SettingsError("", "notJson");
  }
  if (!isObject(file) || file["format"] !== FORMAT) throw new SettingsError("format", "notSettings");
  if (!isObject(file["settings"])) throw new SettingsError("settings", "notSettings");
  return file["settings"];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
