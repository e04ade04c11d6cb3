/** The first-run page: what happens from now on, tried on a picture that is harmless. */

import { element } from "../pages/element";
import { fillIn } from "../pages/words";
import { trial } from "./trial";

fillIn(document);
trial();
element("options").addEventListener("click", () => chrome.runtime.openOptionsPage());
document.body.dataset["ready"] = "";
