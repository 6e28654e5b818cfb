// Photos and PDF files in words, with their number or without.
import type { FileCount } from "../core/record";
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
export function fileKinds({ photos, pdfs }: FileCount = { photos: 0, pdfs: 0 }): string {
  return t(photos === 0 && pdfs > 0 ? "files_pdfs" : pdfs > 0 ? "files_both" : "files_photos");
}
