/** The service worker: settings, style sheets, the toolbar button, menus and reports. Judges nothing. */

import { colourBadge, showBadge } from "./background/badge";
import { createMenus, followKeyboard, followMenus } from "./background/menus";
import { lendReferer } from "./background/referer";
import { OUTBOX_ALARM, deliverReports, emptyOutbox, setAlarm, takeReport } from "./background/reports";
import { layInFrame } from "./background/sheets";
import { onStandingChanged, standing } from "./background/standing";
import { tellTabs } from "./background/tabs";
import { type Awake, type Count, type ToServiceWorker, type Wake } from "./messages";
import { openOffscreen } from "./open_offscreen";
import { type Place, policyFor, takesReports } from "./policy";
import { count, forgetCount } from "./session/counts";
import { PAUSE_ALARM, endPause, keepPause, onPauseChanged } from "./session/pause";

type Sender = chrome.runtime.MessageSender;

chrome.runtime.onMessage.addListener((message: ToServiceWorker, sender, respond: (answer: Awake | boolean) => void) => {
  switch (message.type) {
    case "wake":
      void awake(message, sender).then(respond);
      return true;
    case "lend":
      void lendReferer(message).then(respond);
      return true;
    case "count":
      void recount(message, sender).catch(() => undefined);
      break;
    case "report":
      void takeReport(message, sender);
      break;
    case "deliver":
      void deliverReports(true);
  }
  return false;
});

/**
 * The place of a frame: its own address is newer than the tab's when it is the top one; one that is still being
 * prerendered is of a page that nobody can name yet, so nothing is allowed there.
 */
const placeOf = ({ tab, frameId, url, documentLifecycle }: Sender): Place => ({
  url: documentLifecycle === "prerender" ? undefined : frameId === 0 ? url : tab?.url,
  incognito: chrome.extension.inIncognitoContext || tab?.incognito !== false,
});

async function awake({ covered }: Wake, sender: Sender): Promise<Awake> {
  const { on } = policyFor(await standing(), placeOf(sender));
  // Not waited for: the page is hidden altogether until it is answered. A frame that wakes again does not begin.
  if (!covered) void begin(sender, on).catch(() => undefined);
  const [sheets] = await Promise.allSettled([covered === on ? undefined : layInFrame(sender, on), openOffscreen()]);
  // Read again: the reader may have changed something meanwhile.
  const policy = policyFor(await standing(), placeOf(sender));
  return { type: "awake", covered: on && sheets.status === "fulfilled", policy };
}

/** A new top-level page has covered nothing yet. */
async function begin({ tab, frameId }: Sender, on: boolean): Promise<void> {
  if (tab?.id === undefined || frameId !== 0) return;
  await forgetCount(tab.id);
  await showBadge(tab.id, (await standing()).settings.badge, on, 0);
}

async function recount({ covered }: Count, sender: Sender): Promise<void> {
  const { tab, frameId } = sender;
  if (tab?.id === undefined) return;
  const total = await count(tab.id, frameId ?? 0, covered);
  const now = await standing();
  await showBadge(tab.id, now.settings.badge, policyFor(now, placeOf(sender)).on, total);
}

onStandingChanged((now, before) => {
  void tellTabs(now, before);
  if (takesReports(before.settings) && !takesReports(now.settings)) void emptyOutbox();
});
onPauseChanged((until) => void keepPause(until));

chrome.alarms.onAlarm.addListener(({ name }) => {
  if (name === PAUSE_ALARM) void endPause();
  if (name === OUTBOX_ALARM) void deliverReports();
});

followMenus();
followKeyboard();
chrome.tabs.onRemoved.addListener((tabId) => void forgetCount(tabId));

chrome.runtime.onInstalled.addListener(({ reason }) => {
  void openOffscreen();
  createMenus();
  void setAlarm();
  if (reason === chrome.runtime.OnInstalledReason.INSTALL) void chrome.tabs.create({ url: "welcome.html" });
});
chrome.runtime.onStartup.addListener(() => {
  void openOffscreen();
  void setAlarm();
});

void colourBadge();
// Nothing is ever installed in a private window, whose menu is another one.
if (chrome.extension.inIncognitoContext) createMenus();
