/** The model that lies in the extension. */

import { type Bundle, BundleError, type ReadFile, readJson, releasedBundle } from "./bundle";
import { type Reason } from "./messages";

export const readModelFile: ReadFile = async (name) => {
  const response = await fetch(new URL(`model/${name}`, location.origin));
  return response.arrayBuffer();
};

/** What `bundle.json` says; the files it names are not looked at yet. */
export function readBundle(): Promise<Bundle | Reason> {
  return readJson(readModelFile, "bundle.json").then(releasedBundle).catch(whyNoModel);
}

/** A missing file rejects in fetch; anything else was there and is not what it should be. */
export function whyNoModel(error: unknown): Reason {
  console.error("flinch: no model:", error);
  return error instanceof BundleError ? "badModel" : "noModel";
}
