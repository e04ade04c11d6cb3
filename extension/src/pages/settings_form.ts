/**
 * Inputs that are settings: a checkbox with `data-setting` is the setting of that name, and so are the radio buttons
 * of that name. They follow every change, wherever it was made.
 */

import { type Settings, SettingsError, onSettingsChanged, readSettings, writeSettings } from "../settings";
import { words } from "./words";

type Inputs = NodeListOf<HTMLInputElement>;

/** Calls `show` with the settings, now and after every change; `complain` with a sentence when one cannot be kept. */
export async function settingsForm(show: (settings: Settings) => void, complain: (words: string) => void): Promise<void> {
  const inputs: Inputs = document.querySelectorAll("input[data-setting]");
  const showAll = (settings: Settings): void => {
    for (const input of inputs) showInput(input, settings);
    show(settings);
  };
  for (const input of inputs) {
    input.addEventListener("change", async () => {
      await save(changeBy(input), complain);
      showAll(await readSettings());
    });
  }
  onSettingsChanged(showAll);
  showAll(await readSettings());
}

/** Keeps a change; `complain` says what is wrong with one that cannot be kept. Returns whether it was. */
export async function save(change: Partial<Settings>, complain: (words: string) => void): Promise<boolean> {
  try {
    await writeSettings(change);
    complain("");
    return true;
  } catch (error) {
    complain(wrong(error));
    return false;
  }
}

/** What is wrong with a setting, in one line that names it. */
export function wrong(error: unknown): string {
  if (!(error instanceof SettingsError)) return words("notSaved");
  const sentence = words(`problem_${error.problem}`);
  return error.key === "" ? sentence : `${error.key}: ${sentence}`;
}

const settingOf = (input: HTMLInputElement) => input.dataset["setting"] as keyof Settings;

function showInput(input: HTMLInputElement, settings: Settings): void {
  const value = settings[settingOf(input)];
  input.checked = input.type === "radio" ? input.value === value : value === true;
}

const changeBy = (input: HTMLInputElement): Partial<Settings> => ({
  [settingOf(input)]: input.type === "radio" ? input.value : input.checked,
});
