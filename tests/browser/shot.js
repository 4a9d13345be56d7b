// SPDX-License-Identifier: Apache-2.0
// node shot.js PAGE.html OUT.png [WIDTH] [light|dark] [SELECTOR...]: the page, or what the selector finds, as a
// picture (of several OUT-1.png ...), and what the page complained about.
"use strict";

const { writeFileSync } = require("node:fs");
const { Browser, findBrowser } = require("./browser.js");

async function main([page, out, width = "1280", scheme = "light", ...selectors]) {
    const browser = new Browser(findBrowser());
    try {
        const shown = await browser.open(page, { width: Number(width), scheme });
        await shown.evaluate(() => beginCharts(document));
        for (const [i, selector] of selectors.entries())
            writeFileSync(selectors.length > 1 ? out.replace(/(\.png)?$/, `-${i + 1}.png`) : out, await shown.picture(selector));
        if (selectors.length === 0)
            writeFileSync(out, await shown.picture());
        console.log(`${shown.state} in ${shown.drawn_ms} ms; ${shown.requests.length} requests`);
        shown.complaints.forEach((complaint) => console.log(complaint));
    } finally {
        await browser.close();
    }
}

main(process.argv.slice(2));
