/** The list of sites on which nothing is covered. */

import { element, setText } from "../pages/element";
import { save } from "../pages/settings_form";
import { told, words } from "../pages/words";
import { type Settings, readSettings } from "../settings";
import { allowing, hostOf } from "../site";

/** Starts the form and returns what shows the list. */
export function sites(): (settings: Settings) => void {
  const field = element<HTMLInputElement>("site");
  const complain = (sentence: string): void => setText(element("sites-complaint"), sentence);

  element<HTMLFormElement>("add-site").addEventListener("submit", async (event) => {
    event.preventDefault();
    const host = hostOf(field.value);
    if (host === undefined) return complain(words("siteUnreadable"));
    const { allowed } = await readSettings();
    if (allowing(host, allowed).length > 0) return complain(words("siteKnown", host));
    if (await save({ allowed: [...allowed, host] }, complain)) {
      field.value = "";
      setText(element("sites-status"), words("siteAdded", host));
    }
    field.focus();
  });

  async function remove(host: string): Promise<void> {
    const { allowed } = await readSettings();
    if (await save({ allowed: allowed.filter((entry) => entry !== host) }, complain)) {
      setText(element("sites-status"), words("siteRemoved", host));
      field.focus();
    }
  }

  return ({ allowed }) => {
    element("sites").replaceChildren(...allowed.map((host) => entryOf(host, () => void remove(host))));
    setText(element("sites-count"), allowed.length === 0 ? words("sitesNone") : words("sitesCount", told(allowed.length)));
  };
}

function entryOf(host: string, remove: () => void): HTMLElement {
  const entry = document.createElement("li");
  const name = document.createElement("span");
  name.textContent = host;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = words("remove");
  button.setAttribute("aria-label", words("removeSite", host));
  button.addEventListener("click", remove);
  entry.append(name, button);
  return entry;
}
