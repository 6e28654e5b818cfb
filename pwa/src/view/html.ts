// The elements and attributes that the screens may use. What is not named here does not compile.
import type { Ref } from "./hooks";
import type { Child } from "./jsx-runtime";

type Handler<Tag, On extends Event = Event> = (event: On & { readonly currentTarget: Tag }) => void;

interface Attributes<Tag> {
  readonly key?: string | undefined;
  readonly ref?: Ref<Tag | null>;
  readonly children?: Child;

  readonly onClick?: Handler<Tag, MouseEvent>;
  readonly onInput?: Handler<Tag>;
  readonly onChange?: Handler<Tag>;
  readonly onSubmit?: Handler<Tag>;
  readonly onClose?: Handler<Tag>;
  readonly onKeyDown?: Handler<Tag, KeyboardEvent>;

  readonly [aria: `aria-${string}`]: string | boolean | undefined;
  readonly role?: string;
  readonly class?: string | undefined;
  readonly id?: string | undefined;
  readonly lang?: string;

  readonly href?: string;
  readonly download?: string | undefined;
  readonly src?: string;
  readonly alt?: string;
  readonly for?: string;
  readonly type?: string;
  readonly name?: string;
  readonly value?: string | number | undefined;
  readonly checked?: boolean;
  readonly disabled?: boolean;
  readonly multiple?: boolean;
  readonly novalidate?: boolean;
  readonly accept?: string;
  readonly capture?: string | undefined;
  readonly list?: string;
  readonly autocomplete?: string;
  readonly inputMode?: string;
  readonly maxLength?: number;
  readonly max?: number;
  readonly rows?: number;
  readonly open?: boolean;
  readonly autoplay?: boolean;
  readonly playsInline?: boolean;
  readonly muted?: boolean;
}

export type Tags = {
  readonly [Name in keyof HTMLElementTagNameMap]: Attributes<HTMLElementTagNameMap[Name]>;
};
