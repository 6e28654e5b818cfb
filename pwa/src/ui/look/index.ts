// The look of the phone, by concept; one sheet when built. Colours and sizes are those of ../tokens.css, put in by
// build/tokens.ts. What comes later wins.
import "./base.css";
import "./layout.css";
import "./controls.css";
import "./frame.css";
import "./lists.css";
import "./record.css";
import "./form.css";
import "./photos.css";
