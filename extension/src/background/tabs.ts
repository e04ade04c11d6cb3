/** Brings a change of the settings, or of the pause, to every open page. */

import { type PolicyChanged } from "../messages";
import { type Standing, policyFor } from "../policy";
import { showBadge } from "./badge";
import { countOf } from "../session/counts";
import { layInTab } from "./sheets";

export async function tellTabs(now: Standing, before: Standing): Promise<void> {
  const tabs = await chrome.tabs.query({});
  await Promise.allSettled(tabs.map((tab) => tellTab(tab, now, before)));
}

async function tellTab(tab: chrome.tabs.Tab, now: Standing, before: Standing): Promise<void> {
  if (tab.id === undefined) return;
  const policy = policyFor(now, tab);
  const wasOn = policyFor(before, tab).on;
  // The style sheet first: in between, a page would be without both of its covers.
  if (policy.on && !wasOn) await layInTab(tab.id, true).catch(() => undefined);
  const message: PolicyChanged = { type: "policy", policy };
  await chrome.tabs.sendMessage(tab.id, message).catch(() => undefined);
  if (!policy.on && wasOn) await layInTab(tab.id, false).catch(() => undefined);
  await showBadge(tab.id, now.settings.badge, policy.on, await countOf(tab.id));
}
