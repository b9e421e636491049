import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ArchivePlace, unreadable } from './place.ts';

/** A folder, of this machine or mounted. */
export class FolderPlace implements ArchivePlace {
  readonly name: string;

  constructor(folder: string) {
    this.name = folder;
  }

  async put(name: string, path: string): Promise<void> {
    const target = join(this.name, name);
    const folder = dirname(target);
    const first = await mkdir(folder, { recursive: true });
    const part = `${target}.${randomUUID()}.part`;
    try {
      await copyFile(path, part);
      await sync(part);
      await rename(part, target);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    // A name is on the disk when its folder is, and so on up to the first that was there before.
    for (let made = folder; ; made = dirname(made)) {
      await sync(made);
      if (first === undefined || made === dirname(first) || made === dirname(made)) return;
    }
  }

  async get(name: string): Promise<AsyncIterable<Uint8Array>> {
    try {
      return (await open(join(this.name, name))).createReadStream();
    } catch (error) {
      throw unreadable(this.name, name, error);
    }
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.name, name), { force: true });
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
