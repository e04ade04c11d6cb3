/** The offscreen document, in which pictures are judged. */

const OFFSCREEN = "offscreen.html";

let opening: Promise<void> | undefined;

/** Resolves when the document is there. One at a time exists, and whoever asks may have slept since it was opened. */
export function openOffscreen(): Promise<void> {
  opening ??= createOffscreen().finally(() => (opening = undefined));
  return opening;
}

async function createOffscreen(): Promise<void> {
  // Firefox: the background page itself judges.
  if (chrome.offscreen === undefined) return;
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
