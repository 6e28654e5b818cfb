// Which screen an address is.
import { useApp } from "../ui/app-context";
import { useRoute } from "../ui/router";
import { Deleted } from "./deleted";
import { Enrol } from "./enrol";
import { FormScreen } from "./form";
import { Home } from "./home";
import { RecordScreen } from "./record";
import { SyncScreen } from "./sync";

export function Screen() {
  const [name, id = ""] = useRoute();
  const { campaign } = useApp();
  switch (name) {
    case "form":
      return <FormScreen id={id} />;
    case "record":
      return <RecordScreen id={id} />;
    case "sync":
      return <SyncScreen />;
    case "deleted":
      return <Deleted />;
    case "enrol":
      return <Enrol />;
    default:
      return <Home key={campaign?.id} />;
  }
}
