/**
 * Goes up with every change that can change an answer, or what an index keeps: words, labels,
 * tables gathered from documents. It is part of fingerprints and of the version of indexes.
 */
export const ENGINE_VERSION = '5';
