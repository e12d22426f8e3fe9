"""What happened: an EventBridge event, a CloudWatch alarm's or another, read into a ``Signal``.

``signal_from`` takes an event as EventBridge delivers it and gives a Signal, or raises BadEvent; nothing else comes
out, whatever is in the event. The forms that such an event can take are in the CloudWatch user guide, "Alarm events and
EventBridge": https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

from nightcrew.signals.event import signal_from
from nightcrew.signals.happening import RESOURCES, Happening
from nightcrew.signals.signal import Contributor, Metric, Signal, symptom_of

__all__ = ["RESOURCES", "Contributor", "Happening", "Metric", "Signal", "signal_from", "symptom_of"]
