import { isClaudeCodeLine, readClaudeCode } from './claude-code.ts';
import { isCodexLine, readCodex } from './codex.ts';
import { parsed } from './parsed.ts';
import { Findings, type Reading } from './reading.ts';
import type { TranscriptLine } from './transcript-line.ts';

export function isTranscriptLine(value: unknown): boolean {
  return isClaudeCodeLine(value) || isCodexLine(value);
}

/** What was asked of a coding agent and what it answered in the end. */
export function readTranscript(name: string, text: string): Reading {
  const findings = new Findings();
  const lines: TranscriptLine[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = parsed(line);
    if (read.reason === undefined) lines.push({ number: index + 1, value: read.value });
    else findings.fault(`${name}:${index + 1}`, read.reason);
  }
  if (lines.some(({ value }) => isCodexLine(value))) readCodex(name, lines, findings);
  else readClaudeCode(name, lines, findings);
  return findings;
}
