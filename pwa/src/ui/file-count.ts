// Photos and PDF files in words, with their number or without.
import { DOCUMENT_PREFIX, type Fields, type FileCount, namesFile } from "../core/record";
import { t } from "../i18n/text";

/** "2 ảnh, 1 tệp PDF": what there is none of is left out. */
export function filesText({ photos, pdfs }: FileCount): string {
  const parts = [
    photos > 0 && t(photos === 1 ? "photo_one" : "photos_many", { n: photos }),
    pdfs > 0 && t(pdfs === 1 ? "pdf_one" : "pdfs_many", { n: pdfs }),
  ];
  return parts.filter((part) => part).join(", ") || t("files_none");
}

/** Which of them there are. */
export function fileKinds({ photos, pdfs }: FileCount): string {
  return t(photos === 0 && pdfs > 0 ? "files_pdfs" : pdfs > 0 ? "files_both" : "files_photos");
}

/** Those that a record holds, by whomever they are. */
export function filesOf(fields: Fields): FileCount {
  const names = Object.keys(fields).filter(
    (name) => namesFile(name) && fields[name]?.some(({ value }) => value),
  );
  const pdfs = names.filter((name) => name.startsWith(DOCUMENT_PREFIX)).length;
  return { photos: names.length - pdfs, pdfs };
}
