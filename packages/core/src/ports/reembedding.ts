import type { EmbeddingModel, Space } from '../ports.ts';

/** A model as a person names it. */
export interface WantedModel {
  /** `builtin`, `ollama` or `openai`. */
  readonly provider: string;
  /** Unset: the one that the server's settings name for this provider. */
  readonly name?: string | undefined;
  /** Unset: the model's own. */
  readonly dimensions?: number | undefined;
}

/** The models that this server can reach. */
export interface ModelFinder {
  /**
   * The model that is meant, once it has embedded a text: it is there, and its dimensions are known.
   *
   * @throws AnimaError `VALIDATION_ERROR` when the settings do not reach it or it cannot have these
   * dimensions, `UNAVAILABLE` when it does not answer
   */
  findModel(wanted: WantedModel): Promise<EmbeddingModel>;
}

/** How far a space is on its way to another model. */
export interface Reembedding {
  /** The model that it gets vectors of. */
  readonly model: EmbeddingModel;
  /** Memories that were looked at and have their vector, or were refused; and all there are. */
  readonly done: number;
  readonly total: number;
  /** Memories that the model refused so far. */
  readonly failed: number;
  /** Texts a second at most; null: as fast as requests leave room. */
  readonly textsPerSecond: number | null;
  /** What holds it up now; null while it goes on. */
  readonly problem: string | null;
}

/** The model of a space, as the database has it at this moment. */
export interface SpaceModel {
  readonly model: EmbeddingModel;
  /** Memories that the model refused: their words find them. */
  readonly failed: number;
  /** Null when it stays with its model. */
  readonly reembedding: Reembedding | null;
}

/** Changes of the models of spaces. One that has begun is persisted and goes on whoever watches, until it is cancelled. */
export interface Reembeddings {
  read(space: Space): Promise<SpaceModel>;
  /**
   * Begins to give a space the vectors of another model. Where that goes on already, only its pace changes.
   *
   * @throws AnimaError `CONFLICT` when it is on its way to yet another model
   */
  begin(
    space: Space,
    model: EmbeddingModel,
    options: { readonly textsPerSecond: number | undefined },
  ): Promise<SpaceModel>;
  /** Gives it up: the space stays with its model. @returns the model that it was on its way to */
  cancel(space: Space): Promise<EmbeddingModel | undefined>;
}
