// Each screen for each role: reached or refused as the role says, accessible in light and dark, with and without script.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import { close, Person, ROLES } from "./browser.mjs";
import { found, SCREENS } from "./screens.mjs";

after(close);
const TABLE = new URL("roles.txt", import.meta.url);

test("every role reaches the screens of its work and no others", async () => {
  const lines = [];
  for (const role of ROLES) {
    const person = await Person.as(role);
    for (const screen of SCREENS) {
      const answer = await person.open(screen);
      lines.push(`${role.padEnd(10)} ${screen.padEnd(30)} ${answer.status()}`);
    }
    await person.leave();
  }
  const table = `${lines.join("\n")}\n`;
  if (process.env.TAUTBAND_UPDATE) writeFileSync(TABLE, table);
  assert.equal(table, readFileSync(TABLE, "utf8"));
});

for (const colorScheme of ["light", "dark"]) {
  for (const script of [true, false]) {
    test(`every screen is accessible in ${colorScheme}${script ? "" : " without script"}`, async () => {
      const nobody = await Person.as(null, { colorScheme, script });
      await nobody.isAccessible("sign-in");
      await nobody.open("/console/activate");
      await nobody.isAccessible("activate");
      await nobody.leave();
      for (const role of ROLES) {
        // The pages of the other roles are the same, or fewer.
        const phone = role === "patient" ? { viewport: { width: 375, height: 812 } } : {};
        const person = await Person.as(role, { colorScheme, script, ...phone });
        for (const screen of [...SCREENS, ...(await found(person, role))]) {
          const answer = await person.open(screen);
          if (answer.status() !== 200) continue;
          await person.isAccessible(`${role} ${screen}`);
        }
        await person.leave();
      }
    });
  }
}
