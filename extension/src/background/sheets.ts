/**
 * The user style sheets: the manifest's loses to a page's `!important`, the same one as the user's own does not.
 *
 * They lie over the frames of a tab exactly while its policy is on: a frame gets them when it begins, and all frames of
 * a tab get them or lose them when its policy changes. So none has them twice, and a site that is off pays nothing.
 */

const SHEETS: { files: string[]; origin: "USER" } = { files: ["pictures.css", "backgrounds.css"], origin: "USER" };

/** Rejects when the frame has gone. */
export async function hideInFrame({ tab, documentId, frameId }: chrome.runtime.MessageSender): Promise<void> {
  if (tab?.id === undefined) throw new Error("not a frame of a tab");
  const frame = documentId === undefined ? { frameIds: [frameId ?? 0] } : { documentIds: [documentId] };
  await chrome.scripting.insertCSS({ target: { tabId: tab.id, ...frame }, ...SHEETS });
}

/** Rejects for tabs that no extension may touch, as does `showInTab`. */
export async function hideInTab(tabId: number): Promise<void> {
  await chrome.scripting.insertCSS({ target: { tabId, allFrames: true }, ...SHEETS });
}

export async function showInTab(tabId: number): Promise<void> {
  await chrome.scripting.removeCSS({ target: { tabId, allFrames: true }, ...SHEETS });
}
