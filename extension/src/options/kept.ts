/** What is kept on this computer, and the buttons that forget it. */

import { openOffscreen } from "../open_offscreen";
import { type Forget, type Kept, type ToCache } from "../messages";
import { element, setText } from "../pages/element";
import { kilobytes, told, words } from "../pages/words";
import { KEYS } from "../settings";

export async function kept(): Promise<void> {
  for (const what of ["verdicts", "overrules"] as const) {
    element(`forget-${what}`).addEventListener("click", () => void forget(what));
  }
  await showSizes();
  await show(await ask({ type: "kept" }));
}

async function forget(what: Forget["what"]): Promise<void> {
  await show(await ask({ type: "forget", what }));
  setText(element("kept-status"), words(what === "verdicts" ? "verdictsForgotten" : "overrulesForgotten"));
}

/** undefined while nobody answers, as when the document that remembers is being replaced. */
async function ask(question: ToCache): Promise<Kept | undefined> {
  try {
    await openOffscreen();
    return await chrome.runtime.sendMessage(question);
  } catch {
    return undefined;
  }
}

async function show(answer: Kept | undefined): Promise<void> {
  setText(element("kept-verdicts"), answer === undefined ? words("unknown") : told(answer.verdicts));
  setText(element("kept-overrules"), answer === undefined ? words("unknown") : told(answer.overrules));
}

async function showSizes(): Promise<void> {
  setText(element("kept-settings"), words("kilobytes", kilobytes(await chrome.storage.sync.getBytesInUse([...KEYS]))));
}
