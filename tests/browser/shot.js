// SPDX-License-Identifier: Apache-2.0
// node shot.js PAGE.html OUT.png [WIDTH] [light|dark]: the page as a picture, and what it complained about.
"use strict";

const { writeFileSync } = require("node:fs");
const { Browser, findBrowser } = require("./browser.js");

async function main([page, out, width = "1280", scheme = "light"]) {
    const browser = new Browser(findBrowser());
    try {
        const shown = await browser.open(page, { width: Number(width), scheme });
        writeFileSync(out, await shown.picture());
        console.log(`${shown.state} in ${shown.drawn_ms} ms; ${shown.requests.length} requests`);
        shown.complaints.forEach((complaint) => console.log(complaint));
    } finally {
        await browser.close();
    }
}

main(process.argv.slice(2));
