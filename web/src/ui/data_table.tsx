import type { ReactNode } from "react";
import { classes } from "./class_names";
import styles from "./data_table.module.css";

export interface Column<Row> {
  /** What the column is called. On a phone, where each row is a card, it stands before the value. */
  head: string;
  cell: (row: Row) => ReactNode;
  /** What a row is known by: stands first and heads the card. */
  isName?: boolean;
  /** Figures stand at the right, below each other. */
  isFigure?: boolean;
  /** Takes the room that is left, and may break into lines. */
  isText?: boolean;
  /** Buttons: the head is for screen readers only. */
  isActions?: boolean;
}

interface DataTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string | number;
}

/** Rows of facts. On a phone each row becomes a card, so that nothing is cut off. */
export function DataTable<Row>({ label, columns, rows, keyOf }: DataTableProps<Row>) {
  return (
    <table className={styles.table} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.head} scope="col" className={look(column)}>
              <span className={column.isActions ? "visually-hidden" : undefined}>{column.head}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <td key={column.head} className={look(column)} data-head={column.head}>
                <div className={styles.value}>{column.cell(row)}</div>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function look(column: Column<never>): string {
  return classes(
    column.isName && styles.name,
    column.isFigure && styles.figure,
    column.isText && styles.text,
    column.isActions && styles.actions,
  );
}
