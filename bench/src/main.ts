#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { ablationCommand } from './ablation/ablation-command.ts';
import { backgroundCommand } from './background/background-command.ts';
import { cacheCommand } from './cache/cache-command.ts';
import { checkCommand } from './check/check-command.ts';
import { coldCommand } from './cold/cold-command.ts';
import { costCommand } from './cost/cost-command.ts';
import { duplicatesCommand } from './duplicates/duplicates-command.ts';
import { foldCommand } from './fold/fold-command.ts';
import { logCommand } from './log/log-command.ts';
import { mixCommand } from './mix/mix-command.ts';
import { overloadCommand } from './overload/overload-command.ts';
import { pastCommand } from './past/past-command.ts';
import { planCommand } from './plan/plan-command.ts';
import { processesCommand } from './processes/processes-command.ts';
import { profileCommand } from './profile/profile-command.ts';
import { recallCommand } from './recall/recall-command.ts';
import { reembedCommand } from './reembed/reembed-command.ts';
import { scaleCommand } from './scale/scale-command.ts';
import { searchCommand } from './search/search-command.ts';
import { soakCommand } from './soak/soak-command.ts';
import { surveyCommand } from './survey/survey-command.ts';
import { targetsCommand } from './targets/targets-command.ts';
import { termsCommand } from './terms/terms-command.ts';

const program = new Command('bench')
  .description('Measure an Anima server: how much it recalls, how fast it is.')
  .exitOverride()
  .addCommand(ablationCommand().exitOverride())
  .addCommand(foldCommand().exitOverride())
  .addCommand(cacheCommand().exitOverride())
  .addCommand(soakCommand().exitOverride())
  .addCommand(processesCommand().exitOverride())
  .addCommand(profileCommand().exitOverride())
  .addCommand(recallCommand().exitOverride())
  .addCommand(targetsCommand().exitOverride())
  .addCommand(checkCommand().exitOverride())
  .addCommand(overloadCommand().exitOverride())
  .addCommand(logCommand().exitOverride())
  .addCommand(costCommand().exitOverride())
  .addCommand(planCommand().exitOverride())
  .addCommand(mixCommand().exitOverride())
  .addCommand(coldCommand().exitOverride())
  .addCommand(reembedCommand().exitOverride())
  .addCommand(pastCommand().exitOverride())
  .addCommand(termsCommand().exitOverride())
  .addCommand(searchCommand().exitOverride())
  .addCommand(surveyCommand().exitOverride())
  .addCommand(scaleCommand().exitOverride())
  .addCommand(duplicatesCommand().exitOverride())
  .addCommand(backgroundCommand().exitOverride());

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    // What was under way has lost its server, and would go on failing until its time is up.
    process.exit(1);
  }
}
