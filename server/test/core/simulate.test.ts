import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { textFilesBelow } from "../harness/files.ts";
import { readRequests } from "./request-fixture.ts";

const updates = process.env["UPDATE_FIXTURES"] === "1";
const fixtures = textFilesBelow("test-fixtures/simulate", /\.yaml$/);

describe("requests come to what the fixtures say", () => {
  for (const { name, path, text } of fixtures) {
    test(name, () => {
      const { actual, requests } = readRequests(text);
      assert.ok(requests.length > 0, "a fixture has a request");
      if (updates && actual !== text) writeFileSync(path, actual);
      else assert.equal(actual, text);
    });
  }
});
