/** The context menu and the keyboard: the reader's commands, brought to the frame that they are about. */

import { type Command } from "../messages";

const HIDE = "hide";
const REVEAL = "reveal";

/** Everything a picture may be, or lie under. */
const CONTEXTS: NonNullable<chrome.contextMenus.CreateProperties["contexts"]> = ["image", "video", "link", "frame", "page"];
const PAGES = ["http://*/*", "https://*/*", "file:///*"];

/** Creates the menu anew. It outlives this worker, but not an update, and a private window has one of its own. */
export function createMenus(): void {
  chrome.contextMenus.removeAll(() => {
    for (const id of [HIDE, REVEAL]) {
      const title = chrome.i18n.getMessage(id === HIDE ? "menuHide" : "menuReveal");
      chrome.contextMenus.create({ id, title, contexts: CONTEXTS, documentUrlPatterns: PAGES });
    }
  });
}

export function followMenus(): void {
  chrome.contextMenus.onClicked.addListener(({ menuItemId, frameId }, tab) => {
    const name = menuItemId === HIDE ? "hide" : "reveal";
    if (tab?.id !== undefined) command(tab.id, name, { frameId: frameId ?? 0 });
  });
}

export function followKeyboard(): void {
  chrome.commands.onCommand.addListener((name, tab) => {
    // To all frames: which of them has the focus, only they know.
    if (name === "next" && tab?.id !== undefined) command(tab.id, "next", {});
  });
}

function command(tabId: number, name: Command["name"], frame: chrome.tabs.MessageSendOptions): void {
  const message: Command = { type: "command", name };
  // A page that no content script runs in has nothing to hide or to reveal.
  chrome.tabs.sendMessage(tabId, message, frame).catch(() => undefined);
}
