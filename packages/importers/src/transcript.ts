import { isClaudeCodeLine, readClaudeCode } from './claude-code.ts';
import { isCodexLine, readCodex } from './codex.ts';
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
    try {
      lines.push({ number: index + 1, value: JSON.parse(line) });
    } catch (error) {
      findings.fault(`${name}:${index + 1}`, `not JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (lines.some(({ value }) => isCodexLine(value))) readCodex(name, lines, findings);
  else readClaudeCode(name, lines, findings);
  return findings;
}
