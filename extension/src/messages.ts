/** Every message that crosses a border of the extension, and the verdict that all of them are about. */

/** Why a picture stays hidden although it was looked at; `_locales` says each in a sentence. */
export type Reason =
  | "noModel" // dist/model is missing
  | "badModel" // the bundle is malformed or its files are not those that were released
  | "notLoaded" // the page itself could not load the picture
  | "fetchFailed" // nobody would hand out the picture's bytes
  | "undecodable" // the bytes are no picture that this browser reads
  | "tooLarge" // decoding it would take more memory than it is worth
  | "crashed" // judging it ended the worker more than once
  | "outdated"; // the extension was updated or removed under this page

export type Verdict =
  | { readonly kind: "reveal" }
  | { readonly kind: "cover" }
  | { readonly kind: "error"; readonly reason: Reason };

/** The one line of policy: whatever is not judged harmless is not seen. */
export const isShown = (verdict: Verdict): boolean => verdict.kind === "reveal";

export const failed = (reason: Reason): Verdict => ({ kind: "error", reason });

/** What a picture is judged by. */
export type Source =
  /** Base64 of `preprocess`'s bytes, made by the content script on a canvas. */
  | { readonly kind: "pixels"; readonly base64: string }
  /** Where the bytes are: http(s):, blob:, or the bytes themselves as data:. */
  | { readonly kind: "url"; readonly url: string };

/** Content script -> service worker, by `runtime.sendMessage`; answered with `Awake`. */
export interface Wake {
  readonly type: "wake";
}
export interface Awake {
  readonly type: "awake";
  /** Whether the user style sheet lies over the frame. */
  readonly covered: boolean;
}

/** Content script <-> offscreen document, over a port of this name. */
export const PICTURES_PORT = "pictures";

export interface Judge {
  readonly type: "judge";
  readonly id: number;
  readonly source: Source;
}

export type Answer =
  /** The first message on a port: the side length of the model's input, 0 while there is no model. */
  | { readonly type: "ready"; readonly size: number }
  | { readonly type: "verdict"; readonly id: number; readonly verdict: Verdict };

/** Offscreen document -> its worker. */
export type WorkerRequest =
  | Judge
  /** The picture that a `vector` reply asked for; transferred. */
  | { readonly type: "drawn"; readonly id: number; readonly bitmap: ImageBitmap }
  | { readonly type: "ping" };

/** Worker -> offscreen document. */
export type WorkerReply =
  | { readonly type: "loaded"; readonly size: number }
  | { readonly type: "verdict"; readonly id: number; readonly verdict: Verdict }
  /** SVG cannot be decoded in a worker: the document draws it and sends it back. */
  | { readonly type: "vector"; readonly id: number; readonly blob: Blob }
  | { readonly type: "pong" };
