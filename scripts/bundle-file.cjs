// @ts-check
'use strict';

const { HEADER_LENGTH } = require('../bin/credctl.js');

/**
 * The file that bin/ reads: the lengths of the source and of the code that V8 compiled, the source, filled up with
 * spaces, and that code.
 *
 * @param {Buffer} source
 * @param {Buffer} code
 */
exports.bundleFile = (source, code = Buffer.alloc(0)) => {
  const padding = Buffer.alloc(-source.length & (HEADER_LENGTH - 1), ' ');
  const header = Buffer.alloc(HEADER_LENGTH);
  header.writeUInt32LE(source.length + padding.length, 0);
  header.writeUInt32LE(code.length, 4);
  return Buffer.concat([header, source, padding, code]);
};

/** @param {Buffer} file */
exports.sourceIn = (file) => file.subarray(HEADER_LENGTH, HEADER_LENGTH + file.readUInt32LE(0));
