// Judges the pictures that are chosen, dropped or pasted; nothing leaves the browser.
import { type Classifier, type Prediction, type Strictness, load } from "../index.js";

const files = document.querySelector<HTMLInputElement>("#files")!;
const status = document.querySelector<HTMLElement>("#status")!;
const judged = document.querySelector<HTMLElement>("#judged")!;
const radios = document.querySelectorAll<HTMLInputElement>("[name=strictness]");

/** What is shown, to be named anew when the strictness changes. */
const shown: { readonly word: HTMLElement; readonly predictions: Prediction[] }[] = [];

const strictness = () => [...radios].find(({ checked }) => checked)!.value as Strictness;

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  text = "",
  attributes: Partial<HTMLElementTagNameMap[Name]> = {},
): HTMLElementTagNameMap[Name] {
  return Object.assign(document.createElement(name), { textContent: text }, attributes);
}

async function judge(classifier: Classifier, file: File): Promise<void> {
  try {
    show(classifier, file, await classifier.classify(file));
    status.textContent = `${file.name} has been judged.`;
  } catch {
    status.textContent = `${file.name} could not be read.`;
  }
}

function show(classifier: Classifier, file: File, predictions: Prediction[]): void {
  const entry = element("li");
  const word = element("p");
  const scores = element("dl");
  for (const { className, probability } of predictions) {
    const percent = `${(probability * 100).toFixed(1)} %`;
    const bar = element("dd");
    bar.append(element("meter", "", { value: probability, ariaLabel: className }));
    scores.append(element("dt", className), bar, element("dd", percent));
  }
  const says = element("div");
  says.append(element("strong", file.name), word, scores);
  entry.append(blurred(file), says);
  judged.prepend(entry);
  shown.push({ word, predictions });
  say(classifier);
}

function blurred(file: File): HTMLElement {
  const figure = element("figure");
  const button = element("button", "Show", { type: "button", ariaLabel: `Show ${file.name}` });
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    const seen = figure.classList.toggle("seen");
    button.setAttribute("aria-pressed", String(seen));
  });
  figure.append(element("img", "", { src: URL.createObjectURL(file), alt: file.name }), button);
  return figure;
}

function say(classifier: Classifier): void {
  for (const { word, predictions } of shown) {
    word.textContent = classifier.isTriggering(predictions, strictness()) ? "Triggering" : "Harmless";
  }
}

function take(classifier: Classifier): void {
  const judgeAll = async (list: FileList | undefined) => {
    for (const file of list ?? []) if (file.type.startsWith("image/")) await judge(classifier, file);
  };
  files.addEventListener("change", () => void judgeAll(files.files ?? undefined));
  document.addEventListener("paste", ({ clipboardData }) => void judgeAll(clipboardData?.files));
  document.addEventListener("drop", ({ dataTransfer }) => void judgeAll(dataTransfer?.files));
  for (const radio of radios) radio.addEventListener("change", () => say(classifier));
  files.disabled = false;
}

// Before the model is there, too: a picture dropped by then must not replace the page.
for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    event.preventDefault();
    document.body.classList.toggle("dropping", type === "dragover");
  });
}

try {
  const classifier = await load();
  take(classifier);
  status.textContent = `The model ${classifier.id} is ready.`;
} catch {
  status.textContent = "The model could not be loaded.";
}
