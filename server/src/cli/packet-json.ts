import type { End, Ends, Passing } from "../core/cluster/simulation/ends.ts";

/** Packets as `docs/schemas/simulate.schema.json` describes them: as they come to a step and, if it changes them, leave it. */
export const packetsJson = (packets: readonly Passing[]): readonly object[] =>
  packets.map(({ before, after }) => ({ before: endsJson(before), after: after ? endsJson(after) : null }));

/** The addresses and ports of one packet. */
export const endsJson = ({ source, destination }: Ends): object => ({
  source: endJson(source),
  destination: endJson(destination),
});

const endJson = ({ address: { ip, origin }, port }: End): object => ({ ip, port: port ?? null, origin });
