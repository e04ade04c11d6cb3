/** The service worker: opens the offscreen document and lays the user style sheet over every frame. Judges nothing. */

import { type Awake, type Wake } from "./messages";
import { CAREFUL } from "./settings";

const OFFSCREEN = "offscreen.html";

let opening: Promise<void> | undefined;

/** One document at a time exists, and this worker may have slept since it opened the last. */
function openOffscreen(): Promise<void> {
  opening ??= createOffscreen().finally(() => (opening = undefined));
  return opening;
}

async function createOffscreen(): Promise<void> {
  const contexts = await chrome.runtime.getContexts({
    contextTypes: [chrome.runtime.ContextType.OFFSCREEN_DOCUMENT],
  });
  if (contexts.length > 0) return;
  await chrome.offscreen.createDocument({
    url: OFFSCREEN,
    reasons: [chrome.offscreen.Reason.WORKERS],
    justification: "Judges pictures in a worker, which a service worker cannot start.",
  });
}

/** The manifest's style sheet loses to a page's `!important`; the same one as the user's own does not. */
async function hideInFrame({ tab, documentId, frameId }: chrome.runtime.MessageSender): Promise<void> {
  if (tab?.id === undefined) return;
  const frame = documentId === undefined ? { frameIds: [frameId ?? 0] } : { documentIds: [documentId] };
  await chrome.scripting.insertCSS({ target: { tabId: tab.id, ...frame }, files: ["pictures.css"], origin: "USER" });
}

chrome.runtime.onMessage.addListener((message: Wake, sender, respond: (answer: Awake) => void) => {
  if (message.type !== "wake") return;
  void Promise.allSettled([hideInFrame(sender), openOffscreen()]).then(([sheet]) =>
    respond({ type: "awake", covered: sheet.status === "fulfilled", policy: CAREFUL }),
  );
  return true;
});

chrome.runtime.onInstalled.addListener(() => void openOffscreen());
chrome.runtime.onStartup.addListener(() => void openOffscreen());
