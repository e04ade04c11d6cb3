/** The popup of the toolbar button: this page, this site, and the choices that are made most often. */

import { countKey, countOf } from "../session/counts";
import { endPause, onPauseChanged, readPause, startPause } from "../session/pause";
import { element, setText } from "../pages/element";
import { type ModelFacts, readModelFacts } from "../pages/model_facts";
import { save, settingsForm } from "../pages/settings_form";
import { strictnessWords } from "../pages/strictness_words";
import { clock, fillIn, told, words } from "../pages/words";
import { type Settings, readSettings } from "../settings";
import { allowing, siteOf } from "../site";

/** The tab that the popup is about: the one it opened over, or that of `?tab=` where it is a page of its own. */
async function subject(): Promise<chrome.tabs.Tab | undefined> {
  const named = new URLSearchParams(location.search).get("tab");
  if (named !== null) return chrome.tabs.get(Number(named));
  return (await chrome.tabs.query({ active: true, currentWindow: true }))[0];
}

const status = element("status");
const siteSwitch = element<HTMLInputElement>("site");
const pause = element<HTMLButtonElement>("pause");

let tab: chrome.tabs.Tab | undefined;
let facts: ModelFacts | undefined;

const complain = (sentence: string): void => setText(element("complaint"), sentence);

async function show(settings: Settings): Promise<void> {
  const site = siteOf(tab?.url);
  const entries = site === undefined ? [] : allowing(site, settings.allowed);
  siteSwitch.disabled = site === undefined || !settings.on;
  siteSwitch.checked = settings.on && entries.length === 0;
  setText(element("site-name"), site === undefined ? words("siteNone") : words("siteCovered", site));
  setText(element("site-note"), entries.some((entry) => entry !== site) ? words("siteBelow", entries.join(", ")) : "");

  setText(element("strictness-means"), words(`${settings.strictness}Means`));
  setText(element("strictness-facts"), strictnessWords(settings.strictness, facts));
  const until = await readPause();
  const paused = until > Date.now();
  setText(pause, words(paused ? "pauseEnd" : "pauseStart"));
  pause.disabled = !settings.on;
  setText(status, await statusWords(settings.on, paused ? until : 0, entries.length > 0));
}

async function statusWords(on: boolean, pausedUntil: number, allowed: boolean): Promise<string> {
  if (!on) return words("statusOff");
  if (pausedUntil > 0) return words("statusPaused", clock(pausedUntil));
  if (allowed) return words("statusAllowed");
  if (!isPage(tab?.url)) return words("statusElsewhere");
  if (facts === undefined) return words("noModelHere");
  const covered = tab?.id === undefined ? 0 : await countOf(tab.id);
  if (covered === 0) return words("statusNone");
  return covered === 1 ? words("statusOne") : words("statusCount", told(covered));
}

/** Whether content scripts run there; the browser keeps its own pages, and those of its store, to itself. */
const isPage = (address: string | undefined): boolean => /^(https?|file):/.test(address ?? "");

/** Switches this site on, by taking every entry that allows it from the list, or off. */
async function switchSite(cover: boolean): Promise<void> {
  const site = siteOf(tab?.url);
  if (site === undefined) return;
  const { allowed } = await readSettings();
  const allowingIt = allowing(site, allowed);
  const next = cover ? allowed.filter((entry) => !allowingIt.includes(entry)) : [...allowed, site];
  await save({ allowed: next }, complain);
  await show(await readSettings());
}

async function start(): Promise<void> {
  fillIn(document);
  [tab, facts] = await Promise.all([subject(), readModelFacts()]);
  siteSwitch.addEventListener("change", () => void switchSite(siteSwitch.checked));
  pause.addEventListener("click", async () => {
    if ((await readPause()) > Date.now()) await endPause();
    else await startPause();
  });
  element("options").addEventListener("click", () => chrome.runtime.openOptionsPage());
  await settingsForm((settings) => void show(settings), complain);
  onPauseChanged(async () => show(await readSettings()));
  chrome.storage.onChanged.addListener(async (changes, area) => {
    if (area === "session" && tab?.id !== undefined && countKey(tab.id) in changes) await show(await readSettings());
  });
  document.body.dataset["ready"] = "";
}

void start();
