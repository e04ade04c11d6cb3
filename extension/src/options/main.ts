/** The options page: every setting, what is kept, and what is sent. */

import { fillIn, words } from "../pages/words";
import { element, setText } from "../pages/element";
import { readModelFacts } from "../pages/model_facts";
import { settingsForm } from "../pages/settings_form";
import { strictnessWords } from "../pages/strictness_words";
import { kept } from "./kept";
import { reports } from "./reports";
import { sites } from "./sites";
import { transfer } from "./transfer";

async function start(): Promise<void> {
  fillIn(document);
  const facts = await readModelFacts();
  const complain = (sentence: string): void => setText(element("complaint"), sentence);
  const showSites = sites();
  const showReports = await reports();
  transfer();
  await settingsForm((settings) => {
    setText(element("strictness-facts"), strictnessWords(settings.strictness, facts));
    showSites(settings);
    showReports(settings);
  }, complain);
  await kept();
  setText(element("version"), words("version", chrome.runtime.getManifest().version));
  document.body.dataset["ready"] = "";
}

void start();
