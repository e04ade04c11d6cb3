/** The toolbar button of a tab: how much is covered there, or that nothing is. */

const COLOUR = "#3d5a80";
const MOST = 999;

/** What the badge says; nothing where there is nothing to say, or the reader does not want it. */
export function badgeText(wanted: boolean, on: boolean, covered: number): string {
  if (!wanted || (on && covered === 0)) return "";
  if (!on) return chrome.i18n.getMessage("badgeOff");
  return covered > MOST ? `${MOST}+` : String(covered);
}

/** Rejects when the tab has gone. */
export async function showBadge(tabId: number, wanted: boolean, on: boolean, covered: number): Promise<void> {
  const title = on ? chrome.i18n.getMessage("buttonCovered", String(covered)) : chrome.i18n.getMessage("buttonOff");
  await chrome.action.setBadgeText({ tabId, text: badgeText(wanted, on, covered) });
  await chrome.action.setTitle({ tabId, title });
}

export async function colourBadge(): Promise<void> {
  await chrome.action.setBadgeBackgroundColor({ color: COLOUR });
  await chrome.action.setBadgeTextColor({ color: "#ffffff" });
}
