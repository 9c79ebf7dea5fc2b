import { DockerfileParser, type Instruction } from 'dockerfile-ast';
// The parser exports the types of these through it alone.
import type { Copy } from 'dockerfile-ast/lib/instructions/copy.js';
import type { From } from 'dockerfile-ast/lib/instructions/from.js';
import type { PropertyInstruction } from 'dockerfile-ast/lib/propertyInstruction.js';

/** An instruction of a stage. */
export interface Step {
  /** In capitals. */
  readonly keyword: string;
  /** What follows the keyword and its flags, on one line. */
  readonly text: string;
  /** The words of the text, variables replaced; of an exec form, those of its array. */
  readonly words: readonly string[];
  /** The stage that `COPY --from` names. */
  readonly from: string | null;
  /** What `ENV` and `LABEL` set. */
  readonly values: Readonly<Record<string, string>>;
}

/** What a stage of the build starts from, and what is done to it. */
export interface Stage {
  readonly name: string | null;
  /** With its tag. */
  readonly image: string;
  readonly steps: readonly Step[];
}

/** Reads a Dockerfile. */
export function stagesOf(text: string): readonly Stage[] {
  const stages: { name: string | null; image: string; steps: Step[] }[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (isFrom(instruction)) {
      const [image] = instruction.getExpandedArguments();
      stages.push({ name: instruction.getBuildStage(), image: image?.getValue() ?? '', steps: [] });
    } else stages.at(-1)?.steps.push(stepOf(instruction));
  }
  return stages;
}

/** What the last of these instructions says, as the words of a command. */
export function lastWords({ steps }: Stage, keyword: string): readonly string[] {
  return steps.findLast((step) => step.keyword === keyword)?.words ?? [];
}

/** All that these instructions set. */
export function valuesSet({ steps }: Stage, keyword: 'ENV' | 'LABEL'): Readonly<Record<string, string>> {
  return Object.assign({}, ...steps.filter((step) => step.keyword === keyword).map(({ values }) => values));
}

function stepOf(instruction: Instruction): Step {
  const keyword = instruction.getKeyword();
  const text = instruction.getArgumentsContent() ?? '';
  const [, array] = /^(?:CMD\s+)?(\[.*\])$/.exec(text) ?? [];
  const words: readonly string[] =
    array === undefined
      ? instruction.getExpandedArguments().map((word) => word.getValue())
      : JSON.parse(array);
  return {
    keyword,
    text,
    words,
    from: isCopy(instruction) ? (instruction.getFromFlag()?.getValue() ?? null) : null,
    values: isSetting(instruction)
      ? Object.fromEntries(instruction.getProperties().map((each) => [each.getName(), each.getValue() ?? '']))
      : {},
  };
}

function isFrom(instruction: Instruction): instruction is From {
  return instruction.getKeyword() === 'FROM';
}

function isCopy(instruction: Instruction): instruction is Copy {
  return instruction.getKeyword() === 'COPY';
}

function isSetting(instruction: Instruction): instruction is PropertyInstruction {
  return ['ENV', 'LABEL'].includes(instruction.getKeyword());
}
