/** Texts beyond this many UTF-16 code units are not read: nothing written by hand is that large. */
export const LARGEST_FILE = 10 * 1024 * 1024;

/**
 * Documents beyond this many UTF-16 code units are read where they are plain YAML or JSON: the parser for all of YAML
 * takes up to half a kilobyte for each.
 */
export const LARGEST_FOR_PARSER = 2 * 1024 * 1024;

/** How many values the aliases and merge keys of one document may stand for. */
export const MOST_ALIASED = 100_000;

/** How many values the aliases and merge keys of all documents of a file may stand for. */
export const MOST_ALIASED_IN_FILE = 10 * MOST_ALIASED;

/** How deep a document may be nested that is read by the parser, which recurses: it has stack for twice as much. */
export const DEEPEST_FOR_PARSER = 1000;
