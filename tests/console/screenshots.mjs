// Makes a picture of every screen for each role, in light, dark and print: `tests/console/run screenshots FOLDER`.
import { mkdirSync } from "node:fs";
import { close, Person, ROLES } from "./browser.mjs";
import { found, SCREENS } from "./screens.mjs";

const folder = process.argv[2] ?? "screenshots";
mkdirSync(folder, { recursive: true });
const ID = /[0-9a-f]{8}-[0-9a-f-]{27}/g;
for (const colorScheme of ["light", "dark"]) {
  for (const role of ROLES) {
    const phone = role === "patient" ? { viewport: { width: 390, height: 844 } } : {};
    const person = await Person.as(role, { colorScheme, ...phone });
    for (const screen of [...SCREENS, ...(await found(person, role))]) {
      const answer = await person.open(screen);
      if (answer.status() !== 200) continue;
      const name = screen.replace("/console/", "").replace(ID, "one").replace(/[/?=&]+/g, "-").slice(0, 60);
      await person.page.screenshot({ path: `${folder}/${role}-${name}-${colorScheme}.png`, fullPage: true });
      if (colorScheme === "dark") continue;
      await person.page.emulateMedia({ media: "print" });
      await person.page.screenshot({ path: `${folder}/${role}-${name}-print.png`, fullPage: true });
      await person.page.emulateMedia({ media: "screen" });
    }
    await person.leave();
  }
}
await close();
