/** Draws the icons of the web app manifest from their SVG: node scripts/draw-icons.mjs [chromium] */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const browser = process.argv[2] ?? 'chromium';
const folder = fileURLToPath(new URL('../public/icons/', import.meta.url));

function draw(svg, png, side) {
  const page = join(mkdtempSync(join(tmpdir(), 'icon-')), 'icon.html');
  const source = pathToFileURL(join(folder, svg));
  writeFileSync(
    page,
    `<style>*{margin:0}img{display:block;width:${side}px;height:${side}px}</style><img src="${source}">`,
  );
  execFileSync(browser, [
    '--headless=new',
    '--no-sandbox',
    '--hide-scrollbars',
    '--default-background-color=00000000',
    `--window-size=${side},${side}`,
    `--screenshot=${join(folder, png)}`,
    pathToFileURL(page).href,
  ]);
}

draw('tamis.svg', 'tamis-192.png', 192);
draw('tamis.svg', 'tamis-512.png', 512);
draw('tamis-maskable.svg', 'tamis-maskable-512.png', 512);
