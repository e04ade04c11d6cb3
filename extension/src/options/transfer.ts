/** Settings as a file: to keep, or to take to another browser. */

import { readExport, writeExport } from "../settings_file";
import { element, setText } from "../pages/element";
import { save, wrong } from "../pages/settings_form";
import { words } from "../pages/words";
import { readSettings } from "../settings";

export function transfer(): void {
  const file = element<HTMLInputElement>("import-file");
  const status = (sentence: string): void => setText(element("transfer-status"), sentence);
  const complain = (sentence: string): void => setText(element("transfer-complaint"), sentence);

  element("export").addEventListener("click", async () => {
    download("flinch-settings.json", writeExport(await readSettings()));
    status(words("exported"));
  });
  element("import").addEventListener("click", () => file.click());
  file.addEventListener("change", async () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (chosen === undefined) return;
    status("");
    try {
      const { settings, reportsRefused } = readExport(await chosen.text(), await readSettings());
      if (await save(settings, complain)) status(words(reportsRefused ? "importedWithoutReports" : "imported"));
    } catch (error) {
      complain(wrong(error));
    }
  });
}

function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
