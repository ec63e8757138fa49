import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type AnySchema, type ValidateFunction } from "ajv/dist/2020.js";
import { repository } from "../harness/files.ts";

const folder = join(repository, "docs", "schemas");

/** The names of the schemas: those of the commands, but that `services` is for `endpoints`, too. */
export const schemaNames: readonly string[] = readdirSync(folder).map((name) => name.replace(".schema.json", ""));

/** Asserts that a document is what the schema of a command says, and has no field that the schema does not tell of. */
export function validate(command: string, document: unknown): void {
  const name = command === "endpoints" ? "services" : command;
  const check = validators.get(name) ?? compile(name);
  validators.set(name, check);
  assert.ok(check(document), JSON.stringify(check.errors, undefined, 2));
}

const validators = new Map<string, ValidateFunction>();

function compile(name: string): ValidateFunction {
  const schema: unknown = JSON.parse(readFileSync(join(folder, `${name}.schema.json`), "utf8"));
  return new Ajv2020({ strict: true, strictTypes: false, allErrors: true, formats: { uri: true } }).compile(
    close(schema) as AnySchema,
  );
}

/** A schema that allows no further properties: readers must, we must not. */
function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close);
  if (typeof schema !== "object" || schema === null) return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, close(value)]));
  return "properties" in closed && "required" in closed ? { ...closed, additionalProperties: false } : closed;
}
