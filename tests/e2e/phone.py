"""A phone in a test's hand: Chromium in a small window; camera and microphone play files."""

import base64
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

T = TypeVar("T")

PATIENCE_S = 40
# LiteRT logs what it looks for and does not find (a GPU, an NPU) as warnings and errors.
_RUNTIME = ("/litert/", "WebGPU", "No available adapters")


class Phone:
    """What a person does with the app, and what they then see."""

    def __init__(
        self,
        url: str,
        *,
        film: Path | None = None,
        sound: Path | None = None,
        language: str = "fr-FR",
        ask: bool = False,
    ) -> None:
        """`film` and `sound` are what camera and microphone take in; without both there are none.

        With `ask` nobody says yes to what the browser asks, and it takes silence for a no.
        """
        self.url = url
        options = webdriver.ChromeOptions()
        options.add_argument("--headless=new")
        options.add_argument("--no-sandbox")
        options.add_argument("--disable-dev-shm-usage")
        options.add_argument(f"--lang={language}")
        if film is None and sound is None:
            # No camera and no microphone at all.
            options.add_argument("--use-fake-device-for-media-stream=device-count=0")
        else:
            options.add_argument("--use-fake-device-for-media-stream")
            if not ask:
                options.add_argument("--use-fake-ui-for-media-stream")
        if film is not None:
            options.add_argument(f"--use-file-for-fake-video-capture={film}")
        if sound is not None:
            options.add_argument(f"--use-file-for-fake-audio-capture={sound}")
        options.add_argument("--autoplay-policy=no-user-gesture-required")
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        # The driver's own path: without it selenium would look for one on the internet.
        service = Service(executable_path=shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.size(390, 844)
        self.driver.set_script_timeout(PATIENCE_S)

    def size(self, width: int, height: int) -> None:
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )

    def cdp(self, command: str, parameters: dict[str, Any]) -> Any:
        return self.driver.execute_cdp_cmd(command, parameters)

    def dark(self, *, on: bool) -> None:
        feature = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        self.cdp("Emulation.setEmulatedMedia", {"features": [feature]})

    def open(self, link: str = "") -> None:
        """Open a deep link in a fresh page."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.url}/{link}")

    def first_visit(self) -> None:
        """Open the app and wait until all it needs lies on the phone."""
        self.open()
        self.see(".status[data-good]")
        self.script(
            """
            const done = arguments[0];
            navigator.serviceWorker.ready.then(async () => {
              // Departments, rules, products.
              const kept = async () => (await caches.has('data'))
                && (await (await caches.open('data')).keys()).length >= 3;
              while (!(await kept())) await new Promise(requestAnimationFrame);
              done();
            });
            """
        )

    def script(self, code: str, *arguments: Any) -> Any:
        """Run JavaScript whose last argument is the callback for its result."""
        return self.driver.execute_async_script(code, *arguments)

    def wait(
        self,
        condition: Callable[[Any], T],
        *,
        patience_s: float = PATIENCE_S,
        every_s: float = 0.05,
    ) -> T:
        return WebDriverWait(self.driver, patience_s, poll_frequency=every_s).until(condition)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def see(self, selector: str, *, text: str = "") -> WebElement:
        """Wait until something is visible and, where asked, says so."""

        def shown(_driver: Any) -> WebElement | None:
            for element in self.all(selector):
                if element.is_displayed() and text in element.text:
                    return element
            return None

        return self.wait(shown)

    def tap(self, selector: str, *, text: str = "") -> None:
        element = self.see(selector, text=text)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def pick(self, *files: Path) -> None:
        """Import photos, or sounds, by the file picker."""
        picker = self.wait(lambda _driver: self.all("input[type=file][multiple]"))[0]
        picker.send_keys("\n".join(str(file) for file in files))

    def allow(self, *, store: bool = True, train: bool = False) -> None:
        """Say yes or no on the account's screen, and come back to the camera."""
        self.open("#/compte")
        for purpose, wanted in (("store", store), ("train", train)):
            switch = self.see(f"#consent-{purpose}")
            if switch.is_selected() != wanted:
                self.tap(f"#consent-{purpose}")
        self.open()
        self.see(".status[data-good]")

    def told(self, *, sent: int = 0) -> None:
        """Wait until so many scans are sent, and the server has heard all there is to tell.

        A scan is kept after its answer stands on the screen: until then nothing is pending.
        """

        def heard(_driver: Any) -> bool:
            rows = self.kept("captures") if sent else []
            return sum(row["upload"] == "sent" for row in rows) >= sent and not self.all(".pending")

        self.wait(heard)

    def later(self, seconds: int) -> None:
        """Close the app and open it again, that much later by this phone's clock."""
        source = f"{{ const now = Date.now; Date.now = () => now() + {seconds * 1000}; }}"
        self.cdp("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        self.open()

    def offline(self, *, on: bool) -> None:
        """Let no call of the API reach the server."""
        self.cdp("Network.enable", {})
        self.cdp("Network.setBlockedURLs", {"urls": ["*/api/*", "*/_allauth/*"] if on else []})

    def api(self, path: str) -> tuple[int, Any]:
        """Ask the server as the app would; status and JSON."""
        status, body = self.script(
            "const [path, done] = arguments;"
            "fetch(path).then(async (r) => done([r.status, await r.json()]));",
            path,
        )
        return status, body

    def kept(self, store: str) -> list[Any]:
        """What lies in one store of the phone's database; bytes as base64."""
        found: list[Any] = self.script(_KEPT, store)
        return found

    def answers(self, *, count: int) -> list[WebElement]:
        """Wait for that many cards, none of them pending."""
        done = ("answered", "failed")

        def settled(_driver: Any) -> list[WebElement] | None:
            cards = self.all(".answer")
            states = [card.get_attribute("data-state") for card in cards]
            ready = len(cards) == count and all(state in done for state in states)
            return cards if ready else None

        return self.wait(settled)

    def complaints(self) -> list[str]:
        """What the console holds against us since the last time."""
        lines = [line for line in self.driver.get_log("browser") if line["level"] == "SEVERE"]
        return [
            line["message"]
            for line in lines
            if not any(word in line["message"] for word in _RUNTIME)
        ]

    def picture(self, path: Path) -> None:
        shot = self.cdp("Page.captureScreenshot", {"format": "png"})
        path.write_bytes(base64.b64decode(shot["data"]))


_KEPT = """
const [store, done] = arguments;
const letters = (bytes) => Array.from(new Uint8Array(bytes), (b) => String.fromCharCode(b));
const text = (bytes) => btoa(letters(bytes).join(''));
const opening = indexedDB.open('tamis');
opening.onsuccess = () => {
  const asked = opening.result.transaction(store).objectStore(store).getAll();
  asked.onsuccess = () => {
    opening.result.close();
    done(asked.result.map((value) => (value instanceof ArrayBuffer ? text(value) : value)));
  };
};
"""
