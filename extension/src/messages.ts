/** Every message that crosses a border of the extension, and the verdict that all of them are about. */

import { type Shape } from "./shape";

/** Why a picture stays hidden although it was looked at; `_locales` says each in a sentence. */
export type Reason =
  | "noModel" // dist/model is missing
  | "badModel" // the bundle is malformed or its files are not those that were released
  | "notLoaded" // the page itself could not load the picture
  | "fetchFailed" // nobody would hand out the picture's bytes
  | "unreadable" // the page may show it but nobody may read it: a video or drawing of another origin
  | "undecodable" // the bytes are no picture that this browser reads
  | "tooLarge" // decoding it would take more memory than it is worth
  | "crashed" // judging it ended the worker more than once
  | "outdated"; // the extension was updated or removed under this page

export type Verdict =
  | { readonly kind: "reveal" }
  | { readonly kind: "cover" }
  | { readonly kind: "error"; readonly reason: Reason };

export const failed = (reason: Reason): Verdict => ({ kind: "error", reason });

/** How readily pictures are covered: which of the bundle's thresholds counts. */
export type Strictness = "lenient" | "balanced" | "strict";

/** What stands in the place of a covered picture. */
export type CoverStyle = "blur" | "solid" | "pastel";

/** What the settings mean for the pages of one tab. */
export interface Policy {
  /** False where the reader has switched Flinch off, for this site, for a while or altogether. */
  readonly on: boolean;
  readonly strictness: Strictness;
  readonly cover: CoverStyle;
  /** Whether canvases are looked at too. */
  readonly canvases: boolean;
  /** Whether a reader's report would be sent anywhere. */
  readonly reports: boolean;
}

/** What a picture is judged by; messages are structured clones, in which files cost nothing. */
export type Source =
  /** `preprocess`'s bytes, made by the content script on a canvas. */
  | { readonly kind: "pixels"; readonly pixels: Uint8Array }
  /** `fleeting`: the host wants it asked for anew every time. */
  | { readonly kind: "file"; readonly file: Blob; readonly fleeting: boolean }
  /** Where the bytes are: http(s):, blob:, or the bytes themselves as data:. */
  | { readonly kind: "url"; readonly url: string };

// Content script -> service worker, by `runtime.sendMessage`.

/** A frame has begun; answered with `Awake`. */
export interface Wake {
  readonly type: "wake";
  /** Whether the user style sheets lie over the frame already: it may be awake for longer than the service worker. */
  readonly covered: boolean;
}
export interface Awake {
  readonly type: "awake";
  /** Whether the user style sheet lies over the frame. */
  readonly covered: boolean;
  readonly policy: Policy;
}

/** How many pictures this frame covers now, for the badge. */
export interface Count {
  readonly type: "count";
  readonly covered: number;
}

/** What the reader says of a picture; only sent where the policy has `reports`. */
export type Says = "harmless" | "triggering";
export interface Report {
  readonly type: "report";
  readonly address: string;
  readonly says: Says;
}

/** From the options page: send what waits in the outbox now. */
export interface Deliver {
  readonly type: "deliver";
}

export type ToServiceWorker = Wake | Count | Report | Deliver | Stay | Lend;

// Service worker -> content scripts, by `tabs.sendMessage`.

/** The settings have changed, or the pause is over. */
export interface PolicyChanged {
  readonly type: "policy";
  readonly policy: Policy;
}

/**
 * From the context menu, to the frame that was right-clicked, about what was clicked there; or, for "next", from the
 * keyboard to all frames of a tab, of which the one that has the focus follows.
 */
export interface Command {
  readonly type: "command";
  readonly name: "hide" | "reveal" | "next";
}

export type ToContent = PolicyChanged | Command;

/** Content script <-> offscreen document, over a port of this name. */
export const PICTURES_PORT = "pictures";

/** A picture as a page knows it. */
export interface Picture {
  /** Its absolute URL; of a `data:` URL `sha256:` and the digest in hex; "" for one that nobody else can ask about. */
  readonly address: string;
  /** What else must be the same for a remembered verdict to count: "640x480" where its size is known, else "". */
  readonly validator: string;
}

export type ToOffscreen =
  | {
      readonly type: "ask";
      readonly id: number;
      readonly picture: Picture;
      readonly strictness: Strictness;
      /** In or near the viewport: judged before all that are not. */
      readonly urgent: boolean;
      /** Where it is at hand already: it will not be `wanted`. */
      readonly source?: Source;
    }
  /** The answer to `wanted`. */
  | { readonly type: "source"; readonly id: number; readonly source: Source }
  | { readonly type: "hurry"; readonly id: number; readonly urgent: boolean }
  | { readonly type: "cancel"; readonly id: number }
  /** The reader's own word, which counts more than the model's until it is taken back (undefined). */
  | { readonly type: "overrule"; readonly picture: Picture; readonly verdict?: "reveal" | "cover" };

// Options page -> offscreen document, by `runtime.sendMessage`; both are answered with `Kept`.

/** What is remembered of pictures? */
export interface AskKept {
  readonly type: "kept";
}
/** Forget it: what the model said ("verdicts") or the reader's own words ("overrules"). */
export interface Forget {
  readonly type: "forget";
  readonly what: "verdicts" | "overrules";
}
export type ToCache = AskKept | Forget;
/** How many pictures are remembered. */
export interface Kept {
  readonly type: "kept";
  readonly verdicts: number;
  readonly overrules: number;
}

export type FromOffscreen =
  /** The first message on a port: the side length of the model's input, 0 while there is no model. */
  | { readonly type: "ready"; readonly size: number }
  /** Nobody remembers this picture: send its source. */
  | { readonly type: "wanted"; readonly id: number }
  | { readonly type: "verdict"; readonly id: number; readonly verdict: Verdict };

/** Offscreen document -> service worker, which need not answer: pages are open, do not fall asleep. */
export interface Stay {
  readonly type: "stay";
}

/** Offscreen document -> service worker, answered with true: ask this host as the page would, which it has refused. */
export interface Lend {
  readonly type: "lend";
  readonly host: string;
  readonly referer: string;
}

/** What the worker judges: bytes of `preprocess`, a file of any kind but SVG, or something drawn. */
export type Exhibit = Uint8Array | Blob | ImageBitmap;

/** Offscreen document -> its worker. */
export type WorkerRequest =
  | { readonly type: "judge"; readonly id: number; readonly exhibit: Exhibit; readonly shape?: Shape }
  | { readonly type: "ping" };

/** Worker -> offscreen document. */
export type WorkerReply =
  /** The first reply; not usable: every picture would be answered with the same failure. */
  | { readonly type: "loaded"; readonly usable: boolean }
  /** The probability of the class that is covered, the largest of all frames that were looked at. */
  | { readonly type: "judged"; readonly id: number; readonly probability: number }
  | { readonly type: "failed"; readonly id: number; readonly reason: Reason }
  | { readonly type: "pong" };
