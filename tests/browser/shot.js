// SPDX-License-Identifier: Apache-2.0
// node shot.js PAGE.html OUT.png [WIDTH] [light|dark] [SELECTOR...]: the page as a picture, or OUT-1.png ... of what the
// selectors find, and what the page complained about.
"use strict";

const { writeFileSync } = require("node:fs");
const { Browser, findBrowser } = require("./browser.js");

async function main([page, out, width = "1280", scheme = "light", ...selectors]) {
    const browser = new Browser(findBrowser());
    try {
        const shown = await browser.open(page, { width: Number(width), scheme });
        if (selectors.length === 0)
            writeFileSync(out, await shown.picture());
        for (const [i, selector] of selectors.entries())
            writeFileSync(out.replace(/(\.png)?$/, `-${i + 1}.png`), await shown.picture(selector));
        console.log(`${shown.state} in ${shown.drawn_ms} ms; ${shown.requests.length} requests`);
        shown.complaints.forEach((complaint) => console.log(complaint));
    } finally {
        await browser.close();
    }
}

main(process.argv.slice(2));
