/**
 * The other end of training/browser/chromium.py: it asks this page a question and takes one answer.
 *
 * A page lies at `SECRET/page/NAME.html`; `SECRET/question`, `SECRET/answer` and the folders lie beside `page`.
 */

import { type ReadFile } from "../src/bundle";

const DESK = new URL("../", location.href);

/** Where this page finds the wasm file. */
export const WASM_FOLDER = new URL("./", location.href).href;

/** Returns a served file, e.g. `model/model.json`; rejects when it is not there. */
export async function fetchFile(path: string): Promise<Blob> {
  const response = await fetch(new URL(path, DESK));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.blob();
}

/** Reads the files of a served bundle. */
export function reader(folder: string): ReadFile {
  return async (name) => (await fetchFile(`${folder}/${name}`)).arrayBuffer();
}

/** Answers the question, or says what went wrong; either ends the browser. */
export async function answerWith<Question, Answer>(answer: (question: Question) => Promise<Answer>): Promise<void> {
  let said: { answer: Answer } | { error: string };
  try {
    const question = (await (await fetch(new URL("question", DESK))).json()) as Question;
    said = { answer: await answer(question) };
  } catch (error) {
    said = { error: error instanceof Error ? error.message : String(error) };
  }
  await fetch(new URL("answer", DESK), { method: "POST", body: JSON.stringify(said) });
}
