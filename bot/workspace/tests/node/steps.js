'use strict';
// How a program here talks to the test that runs it, which acts as the people: what it needs comes as one line of JSON on standard
// input, and each step that is done is one line of JSON on standard output. It ends when its input does; any failure ends it with
// the error and a status that isn't 0.

const readline = require('node:readline');

process.on('unhandledRejection', (error) => {
  console.error(error);
  process.exit(1);
});

const lines = readline.createInterface({ input: process.stdin });
const ended = new Promise((resolve) => lines.once('close', resolve));

/** What the test hands over. */
const given = () => new Promise((resolve) => lines.once('line', (line) => resolve(JSON.parse(line))));

/** Tells the test that a step is done. */
const tell = (step, facts = {}) => process.stdout.write(`${JSON.stringify({ step, ...facts })}\n`);

module.exports = { given, tell, ended };
