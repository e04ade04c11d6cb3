/** Reports: whether, where to, exactly what, and what still waits. */

import { OUTBOX_KEY, outboxStore } from "../feedback/outbox_store";
import { type Waiting, bodyOf, modelClasses, waitingReport } from "../feedback/report";
import { endpointOf, isServiceAddress } from "../feedback/service_address";
import { type Deliver } from "../messages";
import { element, setText } from "../pages/element";
import { save } from "../pages/settings_form";
import { clock, told, words } from "../pages/words";
import { type Settings, readSettings } from "../settings";

const EXAMPLE = "https://reader:secret@pictures.example.com/2026/garden.jpg?width=640&utm_source=mail&fbclid=4711#top";

/** Firefox asks the reader itself before anything may be sent, in the click that wants it. */
const DATA = { data_collection: ["websiteContent"] } as chrome.permissions.Permissions;
const asksForData = (): boolean => "browser_specific_settings" in chrome.runtime.getManifest();

/** Starts the section and returns what shows it. */
export async function reports(): Promise<(settings: Settings) => void> {
  const wanted = element<HTMLInputElement>("reports");
  const address = element<HTMLInputElement>("report-to");
  const complain = (sentence: string): void => setText(element("reports-complaint"), sentence);

  wanted.addEventListener("change", async () => {
    const may = !wanted.checked || !asksForData() || (await chrome.permissions.request(DATA));
    await save({ reports: wanted.checked && may }, complain);
    wanted.checked = (await readSettings()).reports;
  });
  element<HTMLFormElement>("report-to-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = address.value.trim();
    // Without an address there is nobody to send to.
    if (await save({ reportTo: typed, ...(typed === "" ? { reports: false } : {}) }, complain)) {
      setText(element("reports-status"), words("saved"));
    }
  });
  element("deliver").addEventListener("click", () => {
    const message: Deliver = { type: "deliver" };
    void chrome.runtime.sendMessage(message).catch(() => undefined);
  });

  await showExample();
  await showOutbox();
  chrome.storage.onChanged.addListener((changes, area) => {
    if (area === "local" && OUTBOX_KEY in changes) void showOutbox();
  });
  return ({ reports: on, reportTo }) => {
    wanted.checked = on;
    wanted.disabled = reportTo === "";
    if (document.activeElement !== address) address.value = reportTo;
    setText(element("endpoint"), isServiceAddress(reportTo) ? words("sentTo", endpointOf(reportTo)) : words("sentNowhere"));
  };
}

/** Made by the very code that sends. */
async function showExample(): Promise<void> {
  const report = waitingReport(EXAMPLE, "triggering", Date.now())!;
  setText(element("example-of"), EXAMPLE);
  setText(element("example"), await exampleOf(report));
}

async function exampleOf(report: Waiting): Promise<string> {
  try {
    return JSON.stringify(bodyOf(report, await modelClasses()), null, 2);
  } catch {
    return words("noModelHere");
  }
}

async function showOutbox(): Promise<void> {
  const { reports: waiting, notBefore, lost } = await outboxStore.read();
  setText(element("waiting"), words("waitingReports", told(waiting.length)));
  const later = waiting.length > 0 && notBefore > Date.now();
  setText(element("next-try"), later ? words("nextTry", clock(notBefore)) : "");
  const gone = lost.refused + lost.tooOld + lost.noRoom;
  setText(element("lost"), gone === 0 ? "" : words("lostReports", told(lost.refused), told(lost.tooOld), told(lost.noRoom)));
  element<HTMLButtonElement>("deliver").disabled = waiting.length === 0;
}
