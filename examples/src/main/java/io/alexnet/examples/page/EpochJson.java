package io.alexnet.examples.page;

import io.alexnet.train.EpochRecord;
import java.util.LinkedHashMap;
import java.util.Map;

/** An epoch's figures for {@link Json}, as the scripts of our pages know them. */
public final class EpochJson {

  private EpochJson() {}

  /** Shares are from 0 to 1; a figure that there is not is null. */
  public static Map<String, Object> of(EpochRecord epoch) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("epoch", epoch.epoch());
    map.put("trainLoss", Json.figure(epoch.trainLoss()));
    map.put("trainTop1", Json.figure(epoch.trainTop1()));
    map.put("validationLoss", Json.figure(epoch.validationLoss()));
    map.put("validationTop1", Json.figure(epoch.validationTop1()));
    map.put("validationTop5", Json.figure(epoch.validationTop5()));
    map.put("learningRate", epoch.learningRate());
    map.put("imagesPerSecond", Json.figure(epoch.imagesPerSecond()));
    map.put("seconds", Json.figure(epoch.seconds()));
    return map;
  }
}
