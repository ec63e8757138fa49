// @ts-check
/** `docs/rules.md`, and the table of rules in the README. */

/** @typedef {import("./model.mjs").Model} Model */
/** @typedef {import("./model.mjs").RuleText} RuleText */

/** @param {Model} model */
export const rulesPage = ({ rules }) =>
  `<!-- Made by \`npm run generate\` from server/src/core/rules and test-fixtures/rules. -->

# Rules

A finding names one thing that a real API server, EndpointSlice controller or kube-proxy would stumble over. Its severity
below is that of an instance that is certain; where the manifests carry less evidence it is lower.

| rule | severity | reports |
| --- | --- | --- |
${rules.map(({ id, severity, title }) => `| [${id}](#${id}) | ${severity} | ${title} |`).join("\n")}

## Severities, and how to choose them

| severity | in the editor |
| --- | --- |
| \`error\` | underlined in red; \`portolan check\` exits with 1 |
| \`warning\` | underlined in yellow |
| \`information\` | underlined in blue |
| \`hint\` | a few faint dots, in no list |

The setting \`portolan.rules.<rule>\`, or \`rules\` in \`.portolan.yaml\`, gives a rule another severity, or turns it \`off\`:

\`\`\`yaml
rules:
  undeclared-target-port: off
\`\`\`

## Silencing one finding

A comment on the line of the finding, or on the line above it, with a reason for the next reader:

\`\`\`yaml
selector:
  # portolan-ignore orphan-service: an operator makes these pods
  app: web
\`\`\`

Or an annotation, for everything that the rule says about one object:

\`\`\`yaml
metadata:
  annotations:
    portolan.dev/ignore: "orphan-service, undeclared-target-port: an operator makes these pods"
\`\`\`

${rules.map(section).join("\n")}`;

/** @param {RuleText} rule */
const section = ({ id, title, severity, why, remedy, source, details, example }) => `## ${id}

**${title}** (${severity}). ${why}. ${remedy}.

\`\`\`yaml
${example.text}
\`\`\`

${example.messages.map((message) => `> ${message}`).join("\n>\n")}

${details.trim()}

[Source](${source})
`;

/** @param {Model} model */
export const rulesTable = ({ rules }) =>
  [
    "| rule | severity | reports |",
    "| --- | --- | --- |",
    ...rules.map(({ id, severity, title }) => `| [${id}](docs/rules.md#${id}) | ${severity} | ${title} |`),
  ].join("\n");

const MARKERS = /(<!-- rules: npm run generate -->\n)[\s\S]*?(<!-- \/rules -->)/;

/**
 * A README with the table of rules between its markers; unchanged where it has none.
 * @param {string} readme
 * @param {Model} model
 */
export const withRulesTable = (readme, model) =>
  readme.replace(MARKERS, (_, before, after) => `${before}\n${rulesTable(model)}\n\n${after}`);
