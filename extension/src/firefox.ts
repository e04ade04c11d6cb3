/** Firefox's background page: it has a document and starts workers, so what Chrome keeps offscreen runs here too. */

import "./offscreen/main";
import "./background";
