/** What is arranged: boxes of a size, and edges among them. */
export interface ToArrange {
  readonly boxes: readonly SizedBox[];
  readonly edges: readonly SizedEdge[];
}

export interface SizedBox {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface SizedEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string | undefined;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything stands: the middle of each box, and the points of each edge. */
export interface Arrangement {
  readonly width: number;
  readonly height: number;
  readonly centres: ReadonlyMap<string, Point>;
  /** In the order of the edges. */
  readonly lines: readonly (readonly Point[])[];
}

/** Between boxes beside each other, between rows, and around all of them. */
export const SPACE = { beside: 14, below: 20, around: 4 } as const;
